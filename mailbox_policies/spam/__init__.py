"""Telling unwanted mail from wanted: what is looked at in a message, and what readers' moves have taught."""

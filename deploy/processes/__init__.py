"""What the children of the supervisor do: mail, web, worker."""

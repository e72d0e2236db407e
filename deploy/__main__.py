"""`python -m deploy` is `vanthu`."""

from deploy.cli import main

main()

"""`python -m mtchat`: the same as the command `mtchat`."""

from mtchat.cli import main

main()

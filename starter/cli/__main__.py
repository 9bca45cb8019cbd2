"""`python -m starter.cli` is the `journey` command without an installed script."""

from starter.cli import main

if __name__ == "__main__":
    main()

"""``python -m ccopt`` is the command ``ccopt``."""

from ccopt.cli import main

if __name__ == "__main__":
    main()

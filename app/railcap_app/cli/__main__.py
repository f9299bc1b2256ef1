"""Lets `python -m railcap_app.cli` stand for the command `railcap`."""

from railcap_app.cli.main import main

if __name__ == "__main__":
    main()

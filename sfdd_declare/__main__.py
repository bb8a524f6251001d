"""`python -m sfdd_declare` is `sfdd`."""

from sfdd_declare.cli.main import run

if __name__ == "__main__":
    run()

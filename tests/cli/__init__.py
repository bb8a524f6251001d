"""Tests of the command line: parsing, help, exit codes, start-up."""

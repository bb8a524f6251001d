"""Tests of the Dotdigital room, over real HTTP against the sandbox."""

"""Code hosts: pull requests, comments, issues, runs and their artifacts, over HTTP. They see no Salesforce and no
Dotdigital.

What a host answers may have been written by strangers: only numbers, commits and names that are compared are taken
from it.
"""

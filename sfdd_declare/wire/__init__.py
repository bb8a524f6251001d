"""The one way onto the network: an HTTP client per host that counts, paces, repeats what may be repeated, and keeps
personal data and secrets out of logs and errors. It knows no vendor; the clients above tell it what a reply means.
"""

"""Plans, outcomes, errors and progress as text for a terminal. All of it reads values of `model` and decides nothing.

`words` holds the vocabulary, `layout` the page; every other module turns one kind of value into renderables. Data is
only ever wrapped in `Text` after `safe`, so that neither markup nor control characters in a name get through.
"""

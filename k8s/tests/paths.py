"""A place inside an object, as a list of keys and numbers, for those who change objects on purpose."""


def put(thing, path, value):
    """Sets what is at a path."""
    *way, last = path
    for step in way:
        thing = thing[step]
    thing[last] = value


def strings(thing, path=()):
    """Every string in an object, with its path."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from strings(value, (*path, key))
    elif isinstance(thing, list):
        for number, value in enumerate(thing):
            yield from strings(value, (*path, number))
    elif isinstance(thing, str):
        yield path, thing

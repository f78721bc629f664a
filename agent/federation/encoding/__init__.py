"""How a change of weights travels: fewer bytes for less precision, what is lost being made up for later."""

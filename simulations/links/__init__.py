"""Links between places: TCP connections carried through a process that delays them as the real network would."""

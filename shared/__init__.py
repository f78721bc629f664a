"""What crosses a wall between parts, or is needed on both sides of one."""

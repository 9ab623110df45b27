"""Turns stored snapshots into score points, the points of the trend. Calls no platform."""

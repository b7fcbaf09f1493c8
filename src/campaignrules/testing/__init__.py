"""For people who test campaigns: strategies of data, and the properties that any campaign must keep."""

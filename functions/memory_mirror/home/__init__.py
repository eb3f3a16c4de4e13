"""The smart home: devices, routines, and a home that follows the mood."""

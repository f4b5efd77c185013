"""The commands of the command line, by noun: read the arguments, call one service, show."""

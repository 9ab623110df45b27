"""The HTTP client, in layers: transport, interpreter, endpoints; answers are parsed into frozen structs."""

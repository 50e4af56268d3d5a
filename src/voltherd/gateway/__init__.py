"""The bridge: live sockets on one side, the domain on the other. The only place that knows both vocabularies."""

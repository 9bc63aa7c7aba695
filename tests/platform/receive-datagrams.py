"""Stands in for systemd: prints each datagram as one JSON line; closes passed descriptors, which answers a barrier.

The argument is a path, or @NAME for a socket of the abstract kind. With a second argument "times", each line is
[monotonic microseconds, datagram]."""
import json, os, socket, sys, time

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
receiver.bind("\0" + name[1:] if name.startswith("@") else name)
with_times = sys.argv[2:] == ["times"]
print(json.dumps("listening"), flush=True)
while True:
    message, descriptors, _flags, _address = socket.recv_fds(receiver, 65536, 8)
    for descriptor in descriptors:
        os.close(descriptor)
    text = message.decode()
    print(json.dumps([time.monotonic_ns() // 1000, text] if with_times else text), flush=True)

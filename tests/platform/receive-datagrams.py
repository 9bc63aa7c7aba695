"""Stands in for systemd: prints each datagram as one JSON line; closes passed descriptors, which answers a barrier."""
import json, os, socket, sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(json.dumps("listening"), flush=True)
while True:
    message, descriptors, _flags, _address = socket.recv_fds(receiver, 65536, 8)
    for descriptor in descriptors:
        os.close(descriptor)
    print(json.dumps(message.decode()), flush=True)

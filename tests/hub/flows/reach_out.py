"""Ask the test's Hub who asks, and try two hosts that must not be reached."""

import socket

from huggingface_hub import HfApi

print(HfApi().whoami()["name"])
for host in ("192.0.2.1", "example.org"):
    try:
        socket.create_connection((host, 80), timeout=1)
    except OSError as error:
        print(error)

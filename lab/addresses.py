"""The lab's own addresses, and the names of its link to the host."""

HOST_LINK = "mesh-lab0"
HOST_ADDRESS = "10.200.0.1"
NODE_LINK = "eth0"
NODE_ADDRESS = "10.200.0.2"
PREFIX = 30
SERVICE_RANGE = "10.96.0.0/16"

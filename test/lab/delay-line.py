"""Relays Ethernet frames between two interfaces, each after a fixed delay: delay-line.py INTERFACE INTERFACE MILLISECONDS."""
import collections
import select
import socket
import sys
import time

SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, PACKET_VNET_HDR = 263, 1, 1, 15
ETH_P_ALL, PACKET_OUTGOING = 3, 4
# A frame with the virtio header in front, which says what the kernel left to do for it (checksum, cutting into segments).
LARGEST = 1 << 17


def open_wire(name):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    wire.bind((name, ETH_P_ALL))
    membership = socket.if_nametoindex(name).to_bytes(4, sys.byteorder) + PACKET_MR_PROMISC.to_bytes(2, sys.byteorder) + bytes(10)
    wire.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
    wire.setblocking(False)
    return wire


def main():
    one, other = open_wire(sys.argv[1]), open_wire(sys.argv[2])
    delay = float(sys.argv[3]) / 1000
    peer = {one: other, other: one}
    waiting = collections.deque()
    while True:
        patience = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select(list(peer), [], [], patience)
        for wire in readable:
            try:
                frame, address = wire.recvfrom(LARGEST)
            except OSError:
                # The interface goes down and up with the power of its machine.
                continue
            if address[2] != PACKET_OUTGOING:
                waiting.append((time.monotonic() + delay, peer[wire], frame))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, wire, frame = waiting.popleft()
            try:
                wire.send(frame)
            except OSError:
                # Lost, as on any wire.
                pass


main()

"""Servers behind the proxies that are measured, all in one process: each answers after its time, counts, and may come and go.

    python3 backends.py CONTROL_PORT PORT[:MILLISECONDS]...

/poll is answered after three seconds. The control port takes GET /counts (requests answered by each server since it was last
asked), and GET /flap (from now on the last server is up for three seconds and down for two, in turns; down means that
it resets its connections and refuses new ones) and GET /steady.
"""

import asyncio
import json
import socket
import struct
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
POLL = 3.0
UP, DOWN = 3.0, 2.0
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends a reset


class Conversation(asyncio.Protocol):
    def __init__(self, server):
        self.server, self.unread, self.transport = server, b"", None

    def connection_made(self, transport):
        self.transport = transport
        self.server.open.add(transport)

    def connection_lost(self, _):
        self.server.open.discard(self.transport)

    def data_received(self, data):
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, _, self.unread = self.unread.partition(b"\r\n\r\n")
            wait = POLL if head.startswith(b"GET /poll") else self.server.delay
            checked = b"/health" in head.split(b"\r\n")[0]
            asyncio.get_running_loop().call_later(wait, self.answer, checked)

    def answer(self, checked):
        if not self.transport.is_closing():
            self.server.count += not checked
            self.transport.write(ANSWER)


class Server:
    def __init__(self, port, delay):
        self.port, self.delay, self.count = port, delay, 0
        self.open, self.listening = set(), None

    async def up(self):
        loop = asyncio.get_running_loop()
        self.listening = await loop.create_server(lambda: Conversation(self), "127.0.0.1", self.port, backlog=1024)

    async def down(self):
        self.listening.close()
        for transport in list(self.open):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            transport.abort()

    async def flap(self):
        """Until it is cancelled; the server is up then."""
        while True:
            await asyncio.sleep(UP)
            await self.down()
            try:
                await asyncio.sleep(DOWN)
            finally:
                await self.up()


async def main(control, servers):
    for server in servers:
        await server.up()
    flapping = []

    async def obey(reader, writer):
        asked = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        for task in flapping:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        flapping.clear()
        if asked == b"/flap":
            flapping.append(asyncio.ensure_future(servers[-1].flap()))
        body = json.dumps([server.count for server in servers]).encode()
        for server in servers:
            server.count = 0
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        await writer.drain()
        writer.close()
    async with await asyncio.start_server(obey, "127.0.0.1", control) as listening:
        await listening.serve_forever()


if __name__ == "__main__":
    pairs = [(argument.split(":") + ["0"])[:2] for argument in sys.argv[2:]]
    asyncio.run(main(int(sys.argv[1]), [Server(int(port), int(wait) / 1000) for port, wait in pairs]))

"""The endpoint of `assume PROFILE --serve`: an address on 127.0.0.1 where programs fetch the session, instead of keys
in the environment. It always has one that lasts, so that a program outlives the session it began with.

What is spoken is the container credentials protocol, which every AWS SDK knows by AWS_CONTAINER_CREDENTIALS_FULL_URI
and AWS_CONTAINER_AUTHORIZATION_TOKEN (SDKs and tools reference guide, "Container credential provider").

    outranked.py    what an SDK would take before it
    launch.py       an endpoint is started for a shell or a command, and ended
    owner.py        the process it lives for
    process.py      the endpoint's own process, from its start to its end
    server.py       its connections
    protocol.py     what is asked of it and what it answers, byte by byte
    current.py      the session it has, and when it gets the next
    ask.py          it is asked, as SDKs do
"""

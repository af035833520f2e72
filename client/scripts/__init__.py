"""The client's commands for scripts: `read` and `send`, without a screen.

`arguments` reads the command line and `program` runs it; `reading` and `sending` talk
JIM, `minechat` the protocol of the MineChat servers. What is written down lies in
`history_file`, who we are in `identity`.
"""

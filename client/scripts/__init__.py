"""The client's commands for scripts: `read` and `send`, without a screen.

`program` runs what `arguments` make of a command line. `reader` and `sender` work at a
server of ours, in one `stay` each; what they do without sockets is in `reading` and
`sending`. `minechat` is the protocol of other servers. What is written down lies in
`history_file`, who we are in `identity`.
"""

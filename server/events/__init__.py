"""The vocabulary between dialects and the hub: what was asked, what is to be told.

No JSON, no bytes, no sockets. What one session says to one addressee in one go travels
as one event with a list of texts, so a burst costs one call, not one per message.
"""

from server.events.asked import (
    AskConversations,
    AskHistory,
    AskSearch,
    Authenticate,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Faulty,
    Foreign,
    ForgetDevice,
    HasRead,
    HasReceived,
    JoinRoom,
    LeaveRoom,
    ListDevices,
    ListRooms,
    ListTokens,
    ListUsers,
    Quitting,
    Register,
    RevokeToken,
    Said,
    SignIn,
)
from server.events.asked_doors import Aside, HearEverybody, Listen, TakeName
from server.events.asked_rules import (
    AddContact,
    Administer,
    AskPerson,
    Block,
    InviteToRoom,
    Kick,
    ListBlocked,
    ListContacts,
    ListInvites,
    ListSanctions,
    MakeInvite,
    Pardon,
    Redeem,
    RemoveContact,
    RemoveRoom,
    RevokeInvite,
    Sanction,
    SetAccess,
    SetProfile,
    SetRole,
    SetTopic,
    Unblock,
)
from server.events.told import (
    Accepted,
    Administered,
    CaughtUp,
    ConversationEntry,
    ConversationList,
    Delivery,
    DeviceEntry,
    DeviceList,
    Done,
    Duplicate,
    Goodbye,
    InviteEntry,
    InviteList,
    InviteMade,
    KeptMessage,
    MessageList,
    Movement,
    Notice,
    PresenceTold,
    Probing,
    Receipt,
    Refused,
    Registered,
    RoomChanged,
    RoomEntry,
    RoomList,
    Ruling,
    SanctionEntry,
    SanctionList,
    TokenEntry,
    TokenList,
    UserEntry,
    UserList,
    Welcome,
)

__all__ = [
    "Accepted",
    "AddContact",
    "Administer",
    "Administered",
    "Aside",
    "AskConversations",
    "AskHistory",
    "AskPerson",
    "AskSearch",
    "Authenticate",
    "Block",
    "CaughtUp",
    "ChangePassword",
    "ConversationEntry",
    "ConversationList",
    "CreateToken",
    "DeleteAccount",
    "Delivery",
    "DeviceEntry",
    "DeviceList",
    "Done",
    "Duplicate",
    "Event",
    "Faulty",
    "Foreign",
    "ForgetDevice",
    "Goodbye",
    "HasRead",
    "HasReceived",
    "HearEverybody",
    "InviteEntry",
    "InviteList",
    "InviteMade",
    "InviteToRoom",
    "JoinRoom",
    "KeptMessage",
    "Kick",
    "LeaveRoom",
    "ListBlocked",
    "ListContacts",
    "ListDevices",
    "ListInvites",
    "ListRooms",
    "ListSanctions",
    "ListTokens",
    "ListUsers",
    "Listen",
    "MakeInvite",
    "MessageList",
    "Movement",
    "Notice",
    "Outgoing",
    "Pardon",
    "PresenceTold",
    "Probing",
    "Quitting",
    "Receipt",
    "Redeem",
    "Refused",
    "Register",
    "Registered",
    "RemoveContact",
    "RemoveRoom",
    "RevokeInvite",
    "RevokeToken",
    "RoomChanged",
    "RoomEntry",
    "RoomList",
    "Ruling",
    "Said",
    "Sanction",
    "SanctionEntry",
    "SanctionList",
    "SetAccess",
    "SetProfile",
    "SetRole",
    "SetTopic",
    "SignIn",
    "TakeName",
    "TokenEntry",
    "TokenList",
    "Unblock",
    "UserEntry",
    "UserList",
    "Welcome",
]

Event = (
    Aside
    | HearEverybody
    | Listen
    | TakeName
    | SignIn
    | Authenticate
    | Register
    | Said
    | JoinRoom
    | LeaveRoom
    | ListRooms
    | ListUsers
    | AskHistory
    | AskConversations
    | AskSearch
    | HasReceived
    | HasRead
    | CreateToken
    | ListTokens
    | RevokeToken
    | ListDevices
    | ForgetDevice
    | ChangePassword
    | DeleteAccount
    | Quitting
    | Faulty
    | Foreign
    | MakeInvite
    | ListInvites
    | RevokeInvite
    | Redeem
    | InviteToRoom
    | Kick
    | Sanction
    | Pardon
    | ListSanctions
    | SetTopic
    | SetAccess
    | RemoveRoom
    | SetRole
    | Block
    | Unblock
    | ListBlocked
    | AddContact
    | RemoveContact
    | ListContacts
    | SetProfile
    | AskPerson
    | Administer
)

Outgoing = (
    Welcome
    | Aside
    | Accepted
    | Duplicate
    | Delivery
    | Refused
    | Done
    | Movement
    | RoomList
    | UserList
    | Notice
    | CaughtUp
    | Registered
    | Receipt
    | MessageList
    | ConversationList
    | TokenList
    | DeviceList
    | Probing
    | Goodbye
    | InviteMade
    | InviteList
    | SanctionList
    | Ruling
    | RoomChanged
    | PresenceTold
    | Administered
)

--- The sections of the manual page that are about all commands, in man's macros.
return [[
.SH ACCOUNT
With \fB\-\-profile\fR \fINAME\fR the account is that profile, all of it. Otherwise \fBEXOTEL_PROFILE\fR may
name one. Otherwise the environment has it: \fBEXOTEL_ACCOUNT_SID\fR, \fBEXOTEL_API_KEY\fR,
\fBEXOTEL_API_TOKEN\fR, and \fBEXOTEL_REGION\fR (mumbai or singapore), \fBEXOTEL_SUBDOMAIN\fR or
\fBEXOTEL_BASE_URL\fR; or, where none of the first three is set, all four of the variables of the vendor's samples:
\fBEXO_ACCOUNT_SID\fR, \fBEXO_AUTH_KEY\fR, \fBEXO_AUTH_TOKEN\fR and \fBEXO_SUBSCRIBIX_DOMAIN\fR. Otherwise it is the
profile that \fBexotel profile use\fR has chosen, else the one called default. None is filled up from another one.
The token is never taken from the command line.
.PP
Profiles stand in \fI$XDG_CONFIG_HOME/exotel/config\fR (\fI~/.config/exotel/config\fR), which has to be this user's own
(or root's), and which nobody else may be able to read. \fBexotel profile login\fR writes it:
.PP
.nf
.RS
profile = live

[live]
account_sid = ...
api_key     = ...
api_token   = ...
region      = mumbai
.RE
.fi
.PP
The line \fBprofile\fR before the first section names the profile that counts. Besides \fBregion\fR a profile may have
\fBsubdomain\fR or \fBbase_url\fR, and \fBca_file\fR, \fBproxy\fR and \fBstore\fR. In the place of \fBapi_token\fR it
may have \fBapi_token_command\fR: a line for sh, whose first line of output is the token. It is run when a request
is to be made, and may ask at the terminal.
.PP
With \fBprotected = true\fR in a profile every change asks for the account's SID to be typed; \fB\-\-yes\fR is not
enough for that, \fB\-\-account\fR \fISID\fR is.
.SH STORE
The service counts the requests of an account, whoever makes them. Commands share that limit, and the lock of
\fBapply\fR, in a store: by default a file of this user's, below \fBXDG_RUNTIME_DIR\fR, else below \fBTMPDIR\fR
or /tmp. \fBEXOTEL_STORE\fR, or \fBstore\fR in the profile, names another one: the absolute path of a file,
redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER] for several hosts, or off. When it can't be had a command says so, and goes
on with a quarter of the limit; \fBapply\fR, which needs the lock, does nothing unless \fB\-\-no\-lock\fR is given.
.SH OUTPUT
On a terminal lists are tables with titles, and colours are used unless \fBNO_COLOR\fR is set or \fBTERM\fR is
dumb. Elsewhere lists are lines with tabs between the columns and without titles; the columns of each are named
with its command, and stay as they are. With \fB\-\-json\fR a list is an array and one thing an object, with the
service's own names; a write answers {"outcome": "done" or "present", "data": ...}; a failure is {"error":
{"kind", "message", "text", ...}} on standard error. What is wrong with files stands there as "problems", as
\fBvalidate\fR has it.
.PP
Values of the service are shown without what controls a terminal or hides what is written: \eu{202E} stands for such a
character. In JSON, and in what \fBexport\fR writes, they are escaped, and so unaltered.
.PP
Removing and applying ask on the terminal. Where there is none they refuse, unless \fB\-\-yes\fR is given. What a
change would leave stranded is said before it is made. An IP that a destination needs is not touched by
\fB\-\-yes\fR alone: that takes \fB\-\-force\fR.
.SH INTERRUPTION
Ctrl\-C ends a command that reads at once. A command that writes finishes the write that is under way (with its
repetitions and its waits for the rate limit that takes at most 120 seconds, mostly far less), begins no other and
says what was done; a second Ctrl\-C ends it at once, and says what is not known. The process ends by
the signal, as a shell expects (status 130; 143 for SIGTERM).
.SH EXIT STATUS
.IP 0 4
Done, or already so.
.IP 1 4
Failed.
.IP 2 4
Changes are planned (plan), or there is drift (check).
.IP 3 4
Partly done.
.IP 64 4
Called in a wrong way; nothing was sent.
.SH FILES
\fI~/.config/exotel/config\fR
.PP
\fI$XDG_STATE_HOME/exotel\fR (\fI~/.local/state/exotel\fR), for its owner only: \fBmoves\fR holds what became of
each number that was moved, and what a move that was interrupted has to take up; \fBdeleted\fR the specifications of
deleted trunks; \fBlog\fR, and the older \fBlog.1\fR, a line of JSON for each write that was sent.
.PP
\fI$XDG_CACHE_HOME/exotel/trunks\fR (\fI~/.cache/exotel/trunks\fR), for its owner only: names and SIDs of an account's
trunks, for completion, which asks the service for them when they are older than a minute.
.SH ENVIRONMENT
EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_REGION, EXOTEL_SUBDOMAIN, EXOTEL_BASE_URL,
EXOTEL_CA_FILE, EXOTEL_PROFILE, EXOTEL_DIRECTORY, EXOTEL_STORE, EXO_ACCOUNT_SID, EXO_AUTH_KEY, EXO_AUTH_TOKEN,
EXO_SUBSCRIBIX_DOMAIN, XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME, XDG_RUNTIME_DIR,
TMPDIR, NO_COLOR, TERM, COLUMNS]]

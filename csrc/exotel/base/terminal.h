/* Terminals. */
#ifndef EXOTEL_BASE_TERMINAL_H
#define EXOTEL_BASE_TERMINAL_H

/* How many columns the terminal of a descriptor has; 0: it is none, or doesn't say. */
int exo_terminal_columns(int descriptor);

#endif

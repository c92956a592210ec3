/* Hexadecimal digits. */
#ifndef EXOTEL_BASE_HEX_H
#define EXOTEL_BASE_HEX_H

/* What a digit in letters of either case stands for; -1: it is none. */
int exo_hex_digit(char c);

#endif

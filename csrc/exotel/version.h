#ifndef EXOTEL_VERSION_H
#define EXOTEL_VERSION_H

#define EXO_VERSION "1.0.0"

#endif

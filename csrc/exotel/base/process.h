/* Which process this is, asked at each call and each poll: after a fork nothing that was inherited may be used. */
#ifndef EXOTEL_BASE_PROCESS_H
#define EXOTEL_BASE_PROCESS_H

/* Its id, without a system call where the kernel can wipe a page at a fork (Linux 4.14). A child that shares this
 * process's memory, as one of vfork does until it starts a program, counts as this process. */
long exo_process_id(void);

#endif

# What is released: a tarball, rocks, Debian packages. Included by the Makefile.

.PHONY: dist deb
dist:
	@bin/install-deps dist
	$(SAY) DIST build/dist
	$(Q)packaging/dist

deb: dist
	@bin/install-deps deb
	$(SAY) DEB build/deb
	$(Q)env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL packaging/deb

/** The command line from end to end: within this process, and as a process that is killed. */
@NullMarked
package dev.gyre.cli;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.gyre.opencl;

import org.jspecify.annotations.NullMarked;

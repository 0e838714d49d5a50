/** Model directories as their publishers ship them. */
@NullMarked
package dev.gyre.models;

import org.jspecify.annotations.NullMarked;

package dev.gyre.cli;

import java.io.Closeable;
import java.io.IOException;

/** Where results go, record by record, in order. */
interface Sink extends Closeable {

    /** Records that were there already and are not to be made again. */
    long present();

    /** Writes a record, all of its lines with their ends, at once. */
    void write(byte[] record) throws IOException;

    /** Everything has been written. */
    void finish() throws IOException;

    /** Takes no more; what to tell the user about what has been written; empty if there is nothing to tell. */
    String interrupt();

    /** Keeps what was written; nothing if {@link #finish} has been called. */
    @Override
    void close() throws IOException;
}

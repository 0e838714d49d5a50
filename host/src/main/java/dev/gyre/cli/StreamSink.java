package dev.gyre.cli;

import java.io.IOException;
import java.io.OutputStream;

/** Results into standard output, a pipe or a device: written at once, nothing kept. */
final class StreamSink implements Sink {

    private final OutputStream out;
    private final String name;
    private boolean interrupted;

    StreamSink(OutputStream out, String name) {
        this.out = out;
        this.name = name;
    }

    @Override
    public long present() {
        return 0;
    }

    @Override
    public synchronized void write(byte[] record) {
        if (interrupted) {
            throw new InterruptedOutputException();
        }
        try {
            out.write(record);
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void finish() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private RuntimeException failed(IOException e) {
        String why = Failure.oneLine(e.getMessage());
        return why.contains("Broken pipe") ? new NoReaderException(e) : new UserException(name + ": " + why, e);
    }

    @Override
    public synchronized String interrupt() {
        interrupted = true;
        return "";
    }

    @Override
    public void close() {
        // The process's own streams stay open.
    }
}

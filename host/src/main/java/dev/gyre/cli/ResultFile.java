package dev.gyre.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A file of results that appears when it is whole. Until then they are in {@code FILE.partial}, with a {@link Journal}
 * in {@code FILE.partial.json}. A record is written by one call, so that what a killed process leaves behind is
 * whole records and at most one torn one at the end, which the continuation cuts off. Results that cannot be continued
 * are in {@code FILE.unfinished} instead.
 */
final class ResultFile implements Sink {

    private final Path file;
    private final Path partial;
    private final @Nullable Path journalFile;
    private final FileChannel channel;
    private final long present;
    private long written;
    private long length;
    private boolean interrupted;
    private boolean finished;

    /** @param journalFile what makes the partial file one that can be continued; none where it cannot be */
    private ResultFile(Path file, Path partial, @Nullable Path journalFile, FileChannel channel, Kept kept) {
        this.file = file;
        this.partial = partial;
        this.journalFile = journalFile;
        this.channel = channel;
        this.present = kept.records;
        this.length = kept.bytes;
    }

    /**
     * Opens the partial file of {@code file}.
     *
     * @param resume go on with a partial file, if there is one
     * @param overwrite throw a partial file away, if there is one
     * @throws UserException if there is a partial file and neither is asked for, if it was made from something else, or
     *     if another process writes it
     */
    static ResultFile open(Path file, Journal journal, boolean resume, boolean overwrite) throws IOException {
        Path place = place(file);
        Path partial = partial(place);
        FileChannel channel = LockedFile.open(partial);
        // A process that was killed before its journal was written has written nothing else.
        boolean there = true;
        try {
            there = channel.size() > 0 || Files.exists(journal(place));
            if (there && !resume && !overwrite) {
                throw new UserException(partial
                        + " is left from an interrupted run: go on with --resume, or throw it away with --overwrite");
            }
            if (there && resume) {
                check(journal, place);
            }
            Kept kept = there && resume ? Kept.in(channel, journal.linesPerRecord()) : new Kept(0, 0);
            channel.truncate(kept.bytes);
            channel.position(kept.bytes);
            if (!(there && resume)) {
                journal.write(journal(place));
            }
            return new ResultFile(place, partial, journal(place), channel, kept);
        } catch (IOException | RuntimeException e) {
            // Only what we have locked is ours, and only as long as it is locked.
            if (!there) {
                Files.deleteIfExists(partial);
            }
            channel.close();
            throw e;
        }
    }

    /**
     * Opens a file of results that cannot be continued: until they are whole they are in {@code FILE.unfinished}, which is
     * none of what an interrupted run that can be continued has left, and begins anew whatever is in it.
     *
     * @throws UserException if another process writes it
     */
    static ResultFile anew(Path file) throws IOException {
        Path place = place(file);
        Path unfinished = place.resolveSibling(place.getFileName() + ".unfinished");
        FileChannel channel = LockedFile.open(unfinished);
        try {
            channel.truncate(0);
            return new ResultFile(place, unfinished, null, channel, new Kept(0, 0));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static Path place(Path file) throws IOException {
        Path place = Files.exists(file) ? file.toRealPath() : file;
        requirePlace(place);
        return place;
    }

    private static void requirePlace(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new UserException(file + " is a folder; the output is to be a file");
        }
        if (!Files.isDirectory(folder)) {
            throw new UserException(file + " cannot be written: there is no folder " + folder);
        }
    }

    private static void check(Journal journal, Path file) throws IOException {
        Path journalFile = journal(file);
        if (!Files.exists(journalFile)) {
            throw new UserException(partial(file) + " cannot be resumed: " + journalFile
                    + ", which says what it was made from, is missing; start afresh with --overwrite");
        }
        journal.difference(Journal.read(journalFile)).ifPresent(difference -> {
            throw new UserException(partial(file) + " cannot be resumed: " + difference
                    + "; give what was given before, or start afresh with --overwrite");
        });
    }

    private static Path partial(Path file) {
        return file.resolveSibling(file.getFileName() + ".partial");
    }

    private static Path journal(Path file) {
        return file.resolveSibling(file.getFileName() + ".partial.json");
    }

    @Override
    public long present() {
        return present;
    }

    @Override
    public synchronized void write(byte[] record) {
        if (interrupted) {
            throw new InterruptedOutputException();
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(record);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            length += record.length;
            written++;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** What a full disk has taken of a record goes away again, so that the partial file holds whole ones. */
    private UserException failed(IOException e) {
        try {
            channel.truncate(length);
        } catch (IOException again) {
            e.addSuppressed(again);
        }
        return new UserException(partial + ": " + Failure.oneLine(e.getMessage()) + "; " + kept(), e);
    }

    private String kept() {
        return journalFile == null
                ? "what was made until then, " + written + " results, is kept in it"
                : (present + written) + " sentences are kept in it: go on with --resume";
    }

    @Override
    public synchronized void finish() throws IOException {
        if (interrupted) {
            throw new InterruptedOutputException();
        }
        try {
            channel.force(true);
        } catch (IOException e) {
            throw failed(e);
        }
        try {
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (FileSystemException e) {
            throw new UserException(
                    "all " + (present + written) + " results are in " + partial + ", but it cannot be renamed: "
                            + Failure.describe(e),
                    e);
        }
        finished = true;
        if (journalFile != null) {
            Files.deleteIfExists(journalFile);
        }
        channel.close();
    }

    @Override
    public synchronized String interrupt() {
        interrupted = true;
        return finished ? "" : partial + ": " + kept();
    }

    @Override
    public synchronized void close() throws IOException {
        if (journalFile == null && !finished && written == 0 && channel.isOpen()) {
            Files.deleteIfExists(partial);
        }
        channel.close();
    }

    /**
     * What of a partial file is whole.
     *
     * @param records whole records
     * @param bytes where the last of them ends
     */
    private record Kept(long records, long bytes) {

        static Kept in(FileChannel channel, int linesPerRecord) throws IOException {
            ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
            long lines = 0;
            long at = 0;
            long end = 0;
            channel.position(0);
            while (channel.read(chunk.clear()) >= 0) {
                chunk.flip();
                while (chunk.hasRemaining()) {
                    at++;
                    if (chunk.get() == '\n' && ++lines % linesPerRecord == 0) {
                        end = at;
                    }
                }
            }
            return new Kept(lines / linesPerRecord, end);
        }
    }
}

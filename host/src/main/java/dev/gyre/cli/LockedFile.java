package dev.gyre.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Opens a file so that no other process has it open so too. */
final class LockedFile {

    /** Renames that two processes do one after the other are few. */
    private static final int ATTEMPTS = 100;

    private LockedFile() {}

    /**
     * Opens a file, or makes it, and locks it. Who renames a locked file may do so between our opening and our locking
     * it; then the lock is on what has another name by now, and it is begun again.
     *
     * @throws UserException if another process has it
     */
    static FileChannel open(Path path) throws IOException {
        return open(path, () -> {});
    }

    /** @param opened what happens between opening and locking, for tests */
    static FileChannel open(Path path, Runnable opened) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                Files.createFile(path);
            } catch (FileAlreadyExistsException e) {
                // Left by an earlier run, or another process is at it: the lock will tell.
            }
            try {
                Object before = key(path);
                FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
                try {
                    opened.run();
                    lock(channel, path);
                    if (Objects.equals(before, key(path))) {
                        return channel;
                    }
                    channel.close();
                } catch (IOException | RuntimeException e) {
                    channel.close();
                    throw e;
                }
            } catch (NoSuchFileException e) {
                // Renamed meanwhile: made anew.
            }
        }
        throw new UserException(
                path + " is renamed as soon as it is opened, or is a link to nowhere: end what else writes"
                        + " it, or remove it");
    }

    /** What stays the same when a file is renamed; null on systems that have no such thing. */
    private static @Nullable Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    private static void lock(FileChannel channel, Path path) throws IOException {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new UserException(path + " is being written by another process: wait for it, or end it");
        }
    }
}

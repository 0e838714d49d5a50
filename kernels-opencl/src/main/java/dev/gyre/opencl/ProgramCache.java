package dev.gyre.opencl;

import dev.gyre.backend.CacheFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled programs in files, under a hash of everything they depend on. An entry is
 * {@code magic, length, CRC-32, bytes}; one that is damaged is thrown away and made anew. A folder that cannot be
 * written costs time, nothing else.
 */
final class ProgramCache {

    private static final Logger LOG = LoggerFactory.getLogger(ProgramCache.class);
    private static final int MAGIC = 0x47595231;
    private static final int HEADER = 16;

    private final Path folder;

    ProgramCache(Path folder) {
        this.folder = folder;
    }

    static ProgramCache ofUser() {
        return new ProgramCache(CacheFolder.of("gyre/opencl"));
    }

    static String key(String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** An entry that is there and whole. */
    Optional<byte[]> load(String key) {
        Path file = file(key);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            ByteBuffer entry = ByteBuffer.wrap(Files.readAllBytes(file));
            if (entry.remaining() >= HEADER && entry.getInt() == MAGIC) {
                int length = entry.getInt();
                long crc = entry.getLong();
                if (length == entry.remaining()) {
                    byte[] bytes = new byte[length];
                    entry.get(bytes);
                    if (crc(bytes) == crc) {
                        return Optional.of(bytes);
                    }
                }
            }
            LOG.debug("cache entry {} is damaged and will be made anew", file);
            discard(key);
        } catch (IOException e) {
            LOG.debug("cache entry {} cannot be read: {}", file, e.toString());
        }
        return Optional.empty();
    }

    void store(String key, byte[] bytes) {
        try {
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, key.substring(0, 16), ".part");
            try {
                ByteBuffer entry = ByteBuffer.allocate(HEADER + bytes.length);
                entry.putInt(MAGIC).putInt(bytes.length).putLong(crc(bytes)).put(bytes);
                Files.write(part, entry.array());
                move(part, file(key));
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException | SecurityException e) {
            LOG.debug("program cache {} cannot be written: {}", folder, e.toString());
        }
    }

    void discard(String key) {
        try {
            Files.deleteIfExists(file(key));
        } catch (IOException e) {
            LOG.debug("cache entry {} cannot be removed: {}", file(key), e.toString());
        }
    }

    Path folder() {
        return folder;
    }

    Path file(String key) {
        return folder.resolve(key + ".bin");
    }

    static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static long crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }
}

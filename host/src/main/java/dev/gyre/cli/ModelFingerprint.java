package dev.gyre.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells one model from another, wherever they lie: names, sizes, and the first and last mebibyte of every file in the
 * folder. Weights that differ only in their middle would need a file made on purpose.
 */
final class ModelFingerprint {

    private static final int EDGE = 1 << 20;

    private ModelFingerprint() {}

    static String of(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        MessageDigest digest = Input.Survey.sha256();
        for (Path file : files) {
            long size = Files.size(file);
            digest.update((file.getFileName() + "\0" + size + "\0").getBytes(StandardCharsets.UTF_8));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                edge(channel, 0, digest);
                edge(channel, Math.max(EDGE, size - EDGE), digest);
            }
        }
        return "sha256 " + HexFormat.of().formatHex(digest.digest());
    }

    private static void edge(FileChannel channel, long start, MessageDigest digest) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(EDGE);
        while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) > 0) {
            // Reads until the edge is whole.
        }
        digest.update(bytes.flip());
    }
}

package dev.gyre.backend;

/** Bytes and transfers between host and device, counted where they happen. */
public record Traffic(long bytesUp, long uploads, long bytesDown, long downloads) {

    public static final Traffic NONE = new Traffic(0, 0, 0, 0);

    /** What came between two readings. */
    public Traffic since(Traffic earlier) {
        return new Traffic(
                bytesUp - earlier.bytesUp,
                uploads - earlier.uploads,
                bytesDown - earlier.bytesDown,
                downloads - earlier.downloads);
    }

    public Traffic up(long bytes) {
        return new Traffic(bytesUp + bytes, uploads + 1, bytesDown, downloads);
    }

    public Traffic down(long bytes) {
        return new Traffic(bytesUp, uploads, bytesDown + bytes, downloads + 1);
    }
}

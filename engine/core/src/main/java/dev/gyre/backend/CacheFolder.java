package dev.gyre.backend;

import java.nio.file.Path;

/** The folder for what is kept between processes and can be made anew: compiled programs, tunings, measurements. */
public final class CacheFolder {

    private CacheFolder() {}

    /**
     * {@code $GYRE_CACHE}, else a folder in the user's cache folder as the XDG base directories name it. Nobody has made it
     * yet.
     *
     * @param folder relative, as {@code gyre/opencl}
     */
    public static Path of(String folder) {
        String own = System.getenv("GYRE_CACHE");
        if (own != null && !own.isBlank()) {
            return Path.of(own);
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && !xdg.isBlank() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve(folder);
    }
}

package dev.gyre.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: Gyre's, the JVM's, the system's. */
public final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        return new String[] {
            "gyre " + number(),
            System.getProperty("java.vm.name") + " " + Runtime.version(),
            System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch")
        };
    }

    /** As in {@code 0.1.0}. */
    public static String number() throws IOException {
        Properties properties = new Properties();
        try (InputStream in =
                Objects.requireNonNull(Version.class.getResourceAsStream("version.properties"), "version.properties")) {
            properties.load(in);
        }
        return properties.getProperty("version");
    }
}

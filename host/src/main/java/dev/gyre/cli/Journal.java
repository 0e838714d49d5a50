package dev.gyre.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a partial file was made from and with, so that it is not continued from or with anything else. A small JSON
 * file beside it.
 *
 * @param linesPerRecord lines of output for one line of input
 * @param settings everything that the output depends on, by the name that a user knows
 */
record Journal(int linesPerRecord, Map<String, String> settings) {

    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    Journal {
        settings = Map.copyOf(new TreeMap<>(settings));
    }

    /** Writes it whole or not at all. */
    void write(Path file) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gyre_journal", VERSION);
        json.put("lines_per_record", linesPerRecord);
        json.put("settings", new TreeMap<>(settings));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** @throws UserException if the file is not what {@link #write} makes */
    static Journal read(Path file) throws IOException {
        try {
            Form form = JSON.readValue(file.toFile(), Form.class);
            if (form == null || form.gyre_journal != VERSION || form.lines_per_record < 1 || form.settings == null) {
                throw new UserException(file + " is no journal of this version of Gyre: start afresh with --overwrite");
            }
            return new Journal(form.lines_per_record, form.settings);
        } catch (JacksonException e) {
            throw new UserException(file + " is damaged: start afresh with --overwrite", e);
        }
    }

    /** In words, the first thing that is not as it was when the other was written; empty if all is. */
    Optional<String> difference(Journal earlier) {
        TreeMap<String, String> names = new TreeMap<>(earlier.settings);
        names.putAll(settings);
        for (String name : names.keySet()) {
            String was = earlier.settings.getOrDefault(name, "not given");
            String is = settings.getOrDefault(name, "not given");
            if (!was.equals(is)) {
                return Optional.of(name + " was " + was + " and is " + is);
            }
        }
        return linesPerRecord == earlier.linesPerRecord
                ? Optional.empty()
                : Optional.of("the lines per sentence were " + earlier.linesPerRecord + " and are " + linesPerRecord);
    }

    private record Form(int gyre_journal, int lines_per_record, Map<String, String> settings) {}
}

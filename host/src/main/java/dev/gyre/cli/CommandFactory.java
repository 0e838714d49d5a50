package dev.gyre.cli;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes commands with the streams of this run; a constructor that takes none serves as well. */
record CommandFactory(Streams streams) implements IFactory {

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == TranslateCommand.class) {
            return type.cast(new TranslateCommand(streams));
        }
        if (type == DevicesCommand.class) {
            return type.cast(new DevicesCommand(streams));
        }
        return CommandLine.defaultFactory().create(type);
    }
}

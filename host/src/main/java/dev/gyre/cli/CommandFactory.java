package dev.gyre.cli;

import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes commands with the streams of this run; anything else by its constructor. */
record CommandFactory(Streams streams) implements IFactory {

    private static final Map<Class<?>, Function<Streams, ?>> COMMANDS = Map.of(
            TranslateCommand.class, TranslateCommand::new,
            CheckCommand.class, CheckCommand::new,
            GenerateCommand.class, GenerateCommand::new,
            EmbedCommand.class, EmbedCommand::new,
            ClassifyCommand.class, ClassifyCommand::new,
            SimilarCommand.class, SimilarCommand::new,
            ScoreCommand.class, ScoreCommand::new,
            InspectCommand.class, InspectCommand::new,
            DevicesCommand.class, DevicesCommand::new);

    @Override
    public <K> K create(Class<K> type) throws Exception {
        Function<Streams, ?> command = COMMANDS.get(type);
        return command == null ? CommandLine.defaultFactory().create(type) : type.cast(command.apply(streams));
    }
}

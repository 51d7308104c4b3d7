# Run with RT's own library: users with their tokens, rights, queues, custom fields, and the tickets of seed.ts. RT has no REST calls for
# rights. Arguments: the folder of the server, whose seed.json has the tickets.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use JSON;
use MIME::Entity;
use RT;
RT->LoadConfig;
RT->Init;

my ($folder) = @ARGV;
my $seed = decode_json( read_file("$folder/seed.json") );
my $system = RT->SystemUser;
my $everything = 'RT::Queue-RT::Ticket';

sub read_file {
    my ($file) = @_;
    open my $handle, '<', $file or die "$file: $!";
    local $/;
    return <$handle>;
}

sub check {
    my ( $what, $ok, $message ) = @_;
    die "$what: " . ( $message // 'no reason' ) unless $ok;
    return $ok;
}

my %users;
for my $person ( @{ $seed->{people} } ) {
    my $user = RT::User->new($system);
    my ( $login, $name, $kind, $zone ) = @$person;
    check( $login, $user->Create(
        Name => $login, RealName => $name, EmailAddress => "$login\@desk.example",
        Privileged => $kind eq 'customer' ? 0 : 1, Timezone => $zone ) );
    $user->Load($login);
    $users{$login} = $user;
}
$users{root} = RT::User->new($system);
$users{root}->Load('root');
my %tokens;
for my $login ( keys %users ) {
    my ( $ok, $message, $token ) = RT::AuthToken->new($system)->Create( Owner => $users{$login}->id, Description => 'tests' );
    check( "token of $login", $ok, $message );
    $tokens{$login} = $token;
}

my %groups;
for my $name (qw(Agents Readers)) {
    my $group = RT::Group->new($system);
    check( $name, $group->CreateUserDefinedGroup( Name => $name ) );
    $groups{$name} = $group;
}
check( $_, $groups{Agents}->AddMember( $users{$_}->PrincipalId ) ) for qw(ann ben tina);
check( 'rita', $groups{Readers}->AddMember( $users{rita}->PrincipalId ) );
$groups{$_}->PrincipalObj->GrantRight( Right => 'SeeGroup', Object => RT->System ) for qw(Agents Readers);
# The definitions of fields are seen by those who have the right in all queues.
$groups{Agents}->PrincipalObj->GrantRight( Right => $_, Object => RT->System ) for qw(SeeCustomField ModifyCustomField);

my @reading = qw(SeeQueue ShowTicket SeeCustomField);
my @working = ( @reading, qw(
    ShowTicketComments ShowOutgoingEmail CreateTicket ReplyToTicket CommentOnTicket OwnTicket TakeTicket StealTicket ReassignTicket
    ModifyTicket DeleteTicket ModifyCustomField Watch WatchAsAdminCc ) );
my $everyone = RT::Group->new($system);
$everyone->LoadSystemInternalGroup('Everyone');
for my $name (qw(Support Billing Network)) {
    my $queue = RT::Queue->new($system);
    check( $name, $queue->Create( Name => $name, CorrespondAddress => lc($name) . '@rt.example', Description => "$name desk" ) );
    $queue->Load($name);
    $groups{Agents}->PrincipalObj->GrantRight( Right => $_, Object => $queue ) for @working;
    $groups{Readers}->PrincipalObj->GrantRight( Right => $_, Object => $queue ) for @reading, 'ReplyToTicket';
    $users{otto}->PrincipalObj->GrantRight( Right => $_, Object => $queue ) for $name eq 'Billing' ? @working : ();
    $everyone->PrincipalObj->GrantRight( Right => $_, Object => $queue ) for qw(CreateTicket SeeQueue);
    $queue->RoleGroup('Requestor')->PrincipalObj->GrantRight( Right => $_, Object => $queue ) for qw(ShowTicket ReplyToTicket);
}

for my $field ( @{ $seed->{fields} } ) {
    my ( $name, $type, $max, $values ) = @$field;
    my $one = RT::CustomField->new($system);
    # One global field: each queue has it.
    check( $name, $one->Create( Name => $name, Type => $type, MaxValues => $max, LookupType => $everything, Queue => 0 ) );
    check( "$name $_", $one->AddValue( Name => $_ ) ) for @{ $values // [] };
}

sub message {
    my ( $body, $type, $file ) = @_;
    my $entity = MIME::Entity->build( Type => $type // 'text/plain', Charset => 'utf-8', Encoding => '-SUGGEST', Data => Encode::encode_utf8($body) );
    $entity->attach( Type => 'text/plain', Filename => $file->[0], Data => $file->[1], Encoding => '-SUGGEST' ) if $file;
    return $entity;
}

my ( %created, %updated );
for my $wanted ( @{ $seed->{tickets} } ) {
    my $ticket = RT::Ticket->new( RT::CurrentUser->new( $users{ $wanted->{creator} } ) );
    my %fields;
    for my $name ( keys %{ $wanted->{fields} } ) {
        my $field = RT::CustomField->new($system);
        $field->LoadByName( Name => $name, LookupType => $everything, IncludeGlobal => 1 );
        $fields{ 'CustomField-' . $field->id } = $wanted->{fields}{$name};
    }
    my ( $id, undef, $problem ) = $ticket->Create(
        Queue => $wanted->{queue}, Subject => $wanted->{subject}, Requestor => $wanted->{requestors}, Cc => $wanted->{cc},
        Type => $wanted->{kind} // 'ticket', InitialPriority => $wanted->{priority}, Priority => $wanted->{priority},
        defined $wanted->{body} ? ( MIMEObj => message( $wanted->{body}, $wanted->{type}, $wanted->{file} ) ) : () );
    check( $wanted->{id}, $id, $problem );
    die "the seed expected the id $wanted->{id}, and RT gave $id" unless $id == $wanted->{id};
    # Customers may not fill in custom fields.
    my $admin = RT::Ticket->new($system);
    $admin->Load($id);
    for my $name ( sort keys %{ $wanted->{fields} } ) {
        my $values = $wanted->{fields}{$name};
        check( $name, $admin->AddCustomFieldValue( Field => $name, Value => $_, RecordTransaction => 0 ) ) for ref $values ? @$values : $values;
    }
    for my $said ( @{ $wanted->{messages} } ) {
        my ( $who, $method, $body, $type ) = @$said;
        my $theirs = RT::Ticket->new( RT::CurrentUser->new( $users{$who} ) );
        $theirs->Load($id);
        check( "$method on $id", $theirs->$method( MIMEObj => message( $body, $type ) ) );
    }
    # Answers open a ticket.
    $admin->Load($id);
    check( "owner of $id", $admin->SetOwner( $wanted->{owner}, 'Force' ) ) if $wanted->{owner};
    check( "priority of $id", $admin->SetPriority( $wanted->{priority} ) ) if $admin->Priority != $wanted->{priority};
    check( "due of $id", $admin->SetDue( $wanted->{due} ) ) if $wanted->{due};
    check( "status of $id", $admin->SetStatus( $wanted->{status} ) ) if $admin->Status ne $wanted->{status};
    check( "link of $id", $admin->AddLink( Type => $_->[0], Target => $_->[1] ) ) for @{ $wanted->{links} };
    check( "merge of $id", $admin->MergeInto( $wanted->{mergedInto} ) ) if $wanted->{mergedInto};
    ( $created{$id}, $updated{$id} ) = ( $wanted->{created}, $wanted->{updated} );
}

# Fixed times, so that tests write them by hand.
my $handle = $RT::Handle->dbh;
for my $id ( keys %created ) {
    my $resolved = q{CASE WHEN Resolved > '1971-01-01' THEN ? ELSE Resolved END};
    $handle->do( "UPDATE Tickets SET Created = ?, Started = ?, LastUpdated = ?, Resolved = $resolved WHERE id = ?",
        undef, $created{$id}, $created{$id}, $updated{$id}, $updated{$id}, $id );
    my $minutes = "(SELECT count(*) FROM Transactions t WHERE t.ObjectId = Transactions.ObjectId AND t.ObjectType = 'RT::Ticket' AND t.id < Transactions.id)";
    $handle->do( "UPDATE Transactions SET Created = datetime(?, '+' || $minutes || ' minutes') WHERE ObjectType = 'RT::Ticket' AND ObjectId = ?",
        undef, $created{$id}, $id );
}

open my $file, '>', "$folder/tokens.json" or die $!;
print $file encode_json( \%tokens );
close $file;

import { graphql } from 'react-relay'

/** What a page may select of tickets whose parts have ids, from several sources at once. */
export const sameIdsQuery = graphql`
  query sameIdsQuery {
    viewer {
      key
      email
      name
      scopes
    }
    sources {
      id
      label
      escalationDepartments {
        key
        label
      }
      transferQueues {
        key
        name
      }
      resolutionStatuses {
        key
        label
      }
      contactReasons {
        code
        label
        parents {
          code
          label
        }
      }
    }
    tickets(first: 10) {
      edges {
        cursor
        node {
          id
          title
          source {
            id
            key
          }
          assignee {
            id
            name
            externalId
          }
          createdBy {
            id
            name
          }
          customer {
            id
            name
          }
          vendor {
            id
            vertical
          }
          orders {
            id
            entityId
          }
          links {
            externalId
            reason
            ticket {
              id
              title
            }
          }
          reason {
            code
            label
          }
          attachments {
            id
            filename
          }
          threads(last: 5) {
            edges {
              node {
                id
                body
                author {
                  kind
                  externalId
                  name
                }
                attachments {
                  id
                  filename
                }
              }
            }
          }
          timeline(last: 5) {
            edges {
              node {
                __typename
                id
                at
              }
            }
          }
          events(last: 5) {
            edges {
              node {
                id
                summary
                actor {
                  kind
                  externalId
                  name
                }
              }
            }
          }
        }
      }
    }
  }
`
